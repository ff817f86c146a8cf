package explain

// LeftBehind counts the goroutines of the learner's that a dump made at the end
// of main shows beside main itself, and those of them that the leak profile
// proved unable to go on.
func LeftBehind(dump string) (left, leaked int) {
	for _, g := range learners(ParseDump(dump)) {
		if g.ID == 1 {
			continue
		}
		left++
		if g.Leaked {
			leaked++
		}
	}
	return left, leaked
}
