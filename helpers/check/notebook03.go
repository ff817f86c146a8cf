package check

// notebook03 lists the exercises of notebook 03.
var notebook03 = []*exercise{spawn, lazy}
