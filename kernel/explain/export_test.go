package explain

// Update is the -update flag, for the tests outside the package.
var Update = update
