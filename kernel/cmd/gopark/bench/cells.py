"""The cells that are timed, by the kernel's language. {n} makes a cell a new one.

A cell that is new in each round has to be compiled; any other is what the kernel
has seen before. "output" cells print at once, in the way of a beginner: no
buffer of their own.
"""

GO = {
    "fmt": """%%
fmt.Println("round", {n})
""",
    "http": """%%
s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {{ fmt.Fprint(w, {n}) }}))
defer s.Close()
r, err := http.Get(s.URL)
fmt.Println(r.StatusCode, err)
""",
    "race": """%%
var wg sync.WaitGroup
for i := range 3 {{
	wg.Go(func() {{ fmt.Println("round", {n}+i) }})
}}
wg.Wait()
""",
    "same": """%%
fmt.Println("the same in every round")
""",
    "bad": """%%
var s string = {n}
fmt.Println(s)
""",
    "name": """%%
x := {n}
fmt.Println(x, strings.Rep""",
    "names": "Repeat",
    "first": """%%
fmt.Printl""",
    "firsts": "Println",
    "short": """%%
for i := range {lines} {{
	fmt.Println("line", i)
}}
""",
    "long": """%%
line := strings.Repeat("x", 1e6-1) + "\\n"
for range {megabytes} {{
	os.Stdout.WriteString(line)
}}
""",
}

PYTHON = {
    "fmt": """print("round", {n})
""",
    "same": """print("the same in every round")
""",
    "name": """import string
x = {n}
print(x, string.asc""",
    "names": "ascii_letters",
    "first": "prin",
    "firsts": "print",
    "short": """for i in range({lines}):
    print("line", i)
""",
    "long": """line = "x" * 999_999
for _ in range({megabytes}):
    print(line)
""",
}


def of(kernel):
    return PYTHON if kernel == "ipykernel" else GO
