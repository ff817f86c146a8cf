package check

// notebook01 lists the exercises of notebook 01.
var notebook01 = []*exercise{timed, fetchInOrder}
