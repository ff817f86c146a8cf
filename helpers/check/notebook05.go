package check

// notebook05 lists the exercises of notebook 05.
var notebook05 = []*exercise{compare, runRounds}
