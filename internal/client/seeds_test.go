//go:build !race

package client

// defaultSeeds take four seconds.
const defaultSeeds = 300
