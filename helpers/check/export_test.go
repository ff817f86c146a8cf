package check

// RaceBuild tells the tests which of the two programs they are.
const RaceBuild = raceBuild
