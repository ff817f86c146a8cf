#!/bin/sh
# Prints the kernelspec of GoNB, the second kernel of the course:
#
#   gonb-kernelspec.sh CHECKOUT
#
# -go_work lets GoNB's cells import gopark/helpers from the checkout, offline
# too. It looks for gopls and goimports in PATH; helpers look for the command
# that draws charts in GOPARK_RENDER.
set -eu
dir=$1
cat <<END
{
 "argv": ["$dir/bin/gonb", "-go_work=$dir", "--kernel", "{connection_file}"],
 "display_name": "Go (gonb)",
 "language": "go",
 "interrupt_mode": "message",
 "env": {
  "PATH": "$dir/bin:\${PATH}",
  "GOPARK_RENDER": "$dir/bin/gopark"
 }
}
END
