//go:build race

package client

// defaultSeeds are fewer than without the race detector, which makes each ten times as long.
const defaultSeeds = 60
