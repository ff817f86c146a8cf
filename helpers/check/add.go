package check

var add = &exercise{
	name: "Add", notebook: "00", title: "mend Add", plain: true,
	hints: [2]string{
		"Put two numbers in and work it out by hand, one step at a time: what does the line in the middle do with them?",
		"One character is wrong: the operator between `a` and `b`.",
	},
}

// Add checks exercise 1 of notebook 00: a + b.
func Add(solution func(a, b int) int) {
	sum := func(t *T, a, b int) {
		got := 0
		took := t.Run(func() { got = solution(a, b) })
		t.Want(got == a+b, "Add(%d, %d) returned %d; %d was expected: which operation gives that?", a, b, got, a+b)
		t.Want(took == 0, "Add(%d, %d) took %v; there is nothing to wait for", a, b, took)
	}
	judge(add,
		test{"two numbers", "Add returns the sum of two positive numbers.", func(t *T) {
			for range 10 {
				sum(t, t.Between(1, 1000), t.Between(1, 1000))
			}
		}},
		test{"nothing added", "Adding 0 changes nothing, on either side.", func(t *T) {
			n := t.Between(1, 1000)
			sum(t, n, 0)
			sum(t, 0, n)
		}},
		test{"below zero", "Negative numbers are numbers too.", func(t *T) {
			for range 10 {
				sum(t, -t.Between(1, 1000), t.Between(1, 1000))
				sum(t, t.Between(1, 1000), -t.Between(1, 1000))
				sum(t, -t.Between(1, 1000), -t.Between(1, 1000))
			}
		}},
	)
}
