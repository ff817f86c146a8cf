// Command gonbui is a program as GoNB's users write them: it knows nothing of
// this kernel. The tests of kernel/process run it.
package main

import (
	"fmt"
	"image"
	"image/color"

	"github.com/janpfeifer/gonb/gonbui"
)

func main() {
	defer gonbui.Sync()
	fmt.Println("start")
	gonbui.DisplayHTML("<b>hi</b>")
	gonbui.DisplayMarkdown("# Title")
	picture := image.NewRGBA(image.Rect(0, 0, 2, 2))
	picture.Set(1, 1, color.White)
	if err := gonbui.DisplayImage(picture); err != nil {
		panic(err)
	}
	gonbui.UpdateHTML("progress", "1 of 2")
	gonbui.UpdateHTML("progress", "2 of 2")
	gonbui.Sync()
	fmt.Println("asking")
	gonbui.RequestInput("name: ", false)
	var name string
	if _, err := fmt.Scanln(&name); err != nil {
		panic(err)
	}
	fmt.Println("hello", name)
}
