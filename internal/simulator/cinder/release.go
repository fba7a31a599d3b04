package cinder

// Release is the Cinder of one release of Debian: where it answers otherwise than those of the others. All of it comes from the recorded answers; see releases.md.
type Release struct {
	highest microversion
	// updated is the date in Cinder's description of its API v3.
	updated string
	// v2 says whether Cinder still has the API v2.
	v2 bool
	// bareRoot: above the versions Cinder reads no microversion and gives no request id.
	bareRoot bool
	// needsProject: the project is not to be left out of a path.
	needsProject bool
	// answersFromRow: the answer to the creation of a volume has the row as the database cut it.
	answersFromRow bool
	// resetsAny: an administrator may give a volume any status.
	resetsAny bool
	// attachesAgain: os-attach to the server that has the volume is no error.
	attachesAgain bool
	// attachmentWantsServer: an attachment is only made for a server.
	attachmentWantsServer bool
	// rewritesMetadata: with the end of a creation the metadata is written again, and of keys that the database
	// takes for one each gets the last value.
	rewritesMetadata bool
	// tellsUnwritable: what the database refuses is the client's error, and not the server's.
	tellsUnwritable bool
	// hidesExtraSpecs: of a volume type nobody but an administrator sees them, not even that there are none.
	hidesExtraSpecs bool
	// hidesQuotaUse: nothing can be listed by whether it counts towards the quota.
	hidesQuotaUse bool
	// allocates: the use of a quota tells an administrator what is allocated.
	allocates bool
	// multipath: a connection says whether it has to be multipath.
	multipath bool
	// undeletable is the end of the message about a volume that cannot be deleted.
	undeletable string
}

const (
	undeletableTransferring = "have snapshots, awaiting a transfer, or be disassociated from snapshots after volume transfer."
)

// Releases are those of Debian, by their numbers.
var Releases = map[string]Release{
	// Cinder 17 (Victoria).
	"11": {
		highest: 62, updated: "2020-10-14T00:00:00Z", v2: true, bareRoot: true, needsProject: true, answersFromRow: true,
		resetsAny: true, attachesAgain: true, attachmentWantsServer: true, rewritesMetadata: true, tellsUnwritable: true,
		hidesExtraSpecs: true, hidesQuotaUse: true, allocates: true,
		undeletable: "have snapshots or be disassociated from snapshots after volume transfer.",
	},
	// Cinder 21 (Zed).
	"12": {
		highest: 70, updated: "2022-08-31T00:00:00Z", undeletable: undeletableTransferring,
	},
	// Cinder 26 (2025.1).
	"13": {
		highest: 71, updated: "2023-08-31T00:00:00Z", rewritesMetadata: true, multipath: true,
		undeletable: undeletableTransferring,
	},
}

// filters are those that a listing takes, with the one that not every release has.
func (r Release) filters(names ...string) []string {
	if r.hidesQuotaUse {
		return names
	}
	return append(names, "consumes_quota")
}
