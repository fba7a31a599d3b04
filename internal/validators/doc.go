// Package validators holds the rules for the texts of a snapshot, which the provider
// block, the resource and the data sources share.
//
// What every Cinder refuses, or takes and changes, is an error while planning. What
// some refuse, by their release or their database, is a warning that says which: the
// answer to the write decides. The limits are those of the API reference, section
// "Volume snapshots".
package validators
