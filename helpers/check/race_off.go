//go:build !race

package check

const raceBuild = false

func raceDisable() {}
func raceEnable()  {}
