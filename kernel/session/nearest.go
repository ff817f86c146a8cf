package session

// nearest is the candidate that a slip of the fingers away from word, or "":
// at most a third of its letters may differ.
func nearest(word string, candidates []string) string {
	best, at := "", len(word)/3+1
	for _, c := range candidates {
		if d := distance(word, c); d <= at && (best == "" || d < at) {
			best, at = c, d
		}
	}
	return best
}

// distance counts the letters to insert, delete, change, or swap with their
// neighbour, to make b of a (the optimal string alignment distance).
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	rows := make([][]int, len(s)+1)
	for i := range rows {
		rows[i] = make([]int, len(t)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(s); i++ {
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(s)][len(t)]
}
