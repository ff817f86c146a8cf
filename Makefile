# gopark: `make lab` opens the course, `make test` tests all of it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

GO     ?= go
VENV   := .venv
GOPARK := bin/gopark
GONB   := $(VENV)/share/jupyter/kernels/gonb/kernel.json

.PHONY: help
help: ## This list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: front ## bin/gopark and all that it embeds
	@$(GO) mod download
	@mkdir -p bin
	$(GO) build -trimpath -o $(GOPARK) ./kernel/cmd/gopark

.PHONY: front
front:
	@kernel/labextension/build.sh

# GoNB, the second kernel, and the two tools that it looks for in PATH.
.PHONY: gonb
gonb:
	@mkdir -p bin
	@$(GO) build -o bin/gonb github.com/janpfeifer/gonb
	@$(GO) -C kernel/tools build -o "$(CURDIR)/bin/" golang.org/x/tools/gopls golang.org/x/tools/cmd/goimports

.PHONY: venv
venv:
	@lab/setup.sh $(VENV)

.PHONY: install
install: build venv gonb ## JupyterLab with both kernels in .venv
	@$(GOPARK) install --prefix $(VENV)
	@mkdir -p $(dir $(GONB))
	@lab/gonb-kernelspec.sh "$(CURDIR)" > $(GONB)

.PHONY: lab
lab: install ## Open the course in JupyterLab
	@lab/start.sh $(VENV)

.PHONY: test
test: install test-tools frontends browser lint ## All tests: Go, notebooks on both kernels, real front ends, a real browser
	GOPARK_VENV="$(CURDIR)/$(VENV)" $(GO) test -timeout 20m ./...
	$(GOPARK) check --all --quiet
	$(GO) test -race -short -timeout 10m ./helpers/... ./kernel/zmtp/... ./kernel/jupyter/... ./kernel/process/... ./kernel/cell/... ./kernel/session/... ./kernel/vet/... ./kernel/procfs/... ./kernel/compiled/... ./kernel/complete/... ./kernel/chart/...
	$(MAKE) --no-print-directory --jobs 2 test-frontends image-test # side by side, since both mostly wait

.PHONY: test-frontends
test-frontends:
	GOPARK_E2E=1 GOPARK_VENV="$(CURDIR)/$(VENV)" $(GO) test -count=1 -timeout 45m ./internal/e2e ./kernel/explain ./kernel/compiled

# What only the tests need. A machine where no browser can be installed skips
# the browser's tests, and they say so.
.PHONY: test-tools frontends browser
test-tools: venv
	@lab/setup.sh $(VENV) tests
frontends:
	@lab/setup.sh $(VENV)-frontends frontends || echo "frontends: none, so their tests will be SKIPPED"
browser:
	@lab/browser.sh || echo "browser: none, so the tests in a browser will be SKIPPED"

.PHONY: lint
lint: ## gofmt, vet and staticcheck
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not gofmt'd:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	@mkdir -p bin && $(GO) -C kernel/tools build -o "$(CURDIR)/bin/" honnef.co/go/tools/cmd/staticcheck
	bin/staticcheck ./...
	GOOS=js GOARCH=wasm $(GO) build ./kernel/cell ./kernel/session ./kernel/explain ./kernel/vet ./kernel/notebook

.PHONY: bench ipykernel
bench: install ipykernel ## gopark beside GoNB and ipykernel, ratios from one run; BENCH='--only output' for some rows
	JUPYTER_PATH="$(CURDIR)/$(VENV)-ipykernel/share/jupyter$${JUPYTER_PATH:+:$$JUPYTER_PATH}" $(GOPARK) bench $(BENCH)
ipykernel:
	@lab/setup.sh $(VENV)-ipykernel ipykernel || echo "ipykernel: none, so its column will be SKIPPED"

# A class on one machine: docker/hub/README.md.
.PHONY: hub
hub: ## JupyterHub on this machine, a container of the course for each learner
	@docker/hub/start.sh

.PHONY: hub-test
hub-test: ## A class of 1, 5 and 10 at work on that hub: times, memory, and who reaches whom
	@docker/hub/start.sh install
	docker/hub/.venv/bin/python docker/hub/learners.py --hold 30

.PHONY: conformance
conformance: install test-tools ## Measure the table of kernel/README.md anew: gopark, GoNB, ipykernel
	GOPARK_UPDATE=1 GOPARK_E2E=1 GOPARK_VENV="$(CURDIR)/$(VENV)" $(GO) test -count=1 -timeout 30m -v -run ConformanceTable ./internal/e2e

.PHONY: notebooks
notebooks: install ## Run the notebooks and save them with their outputs
	$(GOPARK) run --inplace notebooks/*.ipynb

.PHONY: image image-run image-test image-repro image-pin
image: ## The image with all of it, for Docker
	@docker/build.sh
image-run: image ## Open the course in a container
	@docker/run.sh
image-test: browser ## Build the image and run the course in it
	@docker/ci/test.sh
image-repro: ## Build the image twice from nothing and compare
	@docker/ci/reproduce.sh
image-pin: ## Write the digests of the base images into the Dockerfile
	@docker/pin.sh

.PHONY: clean
clean: ## Remove what make built
	rm -rf bin $(VENV) $(VENV)-frontends $(VENV)-ipykernel kernel/labextension/node_modules
	find kernel/labextension/dist -mindepth 1 ! -name .gitignore -delete
