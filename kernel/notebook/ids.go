package notebook

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

// nameCells gives an id to each cell that has none, or one that an earlier cell
// has too. The id follows from the cell's place and text, so that the same old
// notebook gets the same ids each time it is read: random ones, as nbformat
// makes them, would change the whole file at each run.
func (nb *Notebook) nameCells() {
	used := map[string]bool{}
	var nameless []int
	for i, c := range nb.Cells {
		if c.ID == "" || used[c.ID] {
			nameless = append(nameless, i)
			continue
		}
		used[c.ID] = true
	}
	for _, i := range nameless {
		c := nb.Cells[i]
		for try := 0; ; try++ {
			sum := sha256.Sum256([]byte(strconv.Itoa(i) + " " + strconv.Itoa(try) + " " + c.Type + "\n" + c.Source))
			// Eight hex digits, as nbformat's own.
			if id := hex.EncodeToString(sum[:4]); !used[id] {
				c.ID = id
				used[id] = true
				break
			}
		}
	}
}
