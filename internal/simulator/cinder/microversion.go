package cinder

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// microversion is the minor number of a Cinder API version: 3.45 is 45.
type microversion int

func (v microversion) String() string { return "3." + strconv.Itoa(int(v)) }

// The first microversion in which each behaviour is there, by Cinder's own names for them.
const (
	volumeListBootable     microversion = 2
	messagesList           microversion = 3
	messagesPagination     microversion = 5
	groupVolume            microversion = 13
	groupSnapshots         microversion = 14
	volumeProviderID       microversion = 21
	snapshotMetadataFilter microversion = 22
	volumeDeleteForce      microversion = 23
	newAttach              microversion = 27
	snapshotSort           microversion = 30
	resourceFilter         microversion = 31
	likeFilter             microversion = 34
	volumeRevert           microversion = 40
	snapshotUserID         microversion = 41
	newAttachCompletion    microversion = 44
	countInfo              microversion = 45
	sharedTargets          microversion = 48
	volumeSchemaChanges    microversion = 53
	attachmentMode         microversion = 54
	volumeClusterName      microversion = 61
	volumeTypeID           microversion = 63
	consumesQuota          microversion = 65
	snapshotInUse          microversion = 66
)

const VersionHeader = "OpenStack-API-Version"

var versionPattern = regexp.MustCompile(`^([1-9]\d*)\.([1-9]\d*|0)$`)

// requested is what the version header asked for. Shown is how Cinder repeats it in the answer's header; it is
// "" where the header could not be read, and then the answer has none.
type requested struct {
	version microversion
	shown   string
}

// writeTo sets the headers of the answer.
func (r requested) writeTo(h http.Header) {
	if r.shown != "" {
		h.Set(VersionHeader, "volume "+r.shown)
		h.Set("Vary", VersionHeader)
	}
}

// requestedVersion reads the OpenStack-API-Version header, whose value is a comma-separated list of
// "SERVICE VERSION". Without one the version is 3.0.
func requestedVersion(r *http.Request, highest microversion) (requested, error) {
	values := r.Header.Values(VersionHeader)
	if len(values) == 0 {
		return requested{0, "3.0"}, nil
	}
	var version string
	for part := range strings.SplitSeq(strings.Join(values, ","), ",") {
		if !strings.Contains(part, "volume") {
			continue
		}
		words := strings.Fields(part)
		if len(words) != 2 {
			return requested{}, serverError()
		}
		version = words[1]
		break
	}
	if version == "" {
		return requested{}, malformed()
	}
	if version == "latest" {
		return requested{highest, highest.String()}, nil
	}
	match := versionPattern.FindStringSubmatch(version)
	if match == nil {
		return requested{}, badRequest(
			"API Version String %s is of invalid format. Must be of format MajorNum.MinorNum.", version)
	}
	minor, err := strconv.Atoi(match[2])
	if match[1] != "3" || err != nil || microversion(minor) > highest {
		shown := version
		if match[1] == "2" && match[2] == "0" {
			// Cinder takes 2.0 for a request to its old API and leaves the header out.
			shown = ""
		}
		return requested{shown: shown}, &fault{
			status: http.StatusNotAcceptable,
			message: fmt.Sprintf("Version %s is not supported by the API. Minimum is 3.0 and maximum is %s.",
				version, highest),
		}
	}
	return requested{microversion(minor), version}, nil
}

// parseMicroversion reads "3.45", as Options has it.
func parseMicroversion(s string) (microversion, bool) {
	minor, ok := strings.CutPrefix(s, "3.")
	n, err := strconv.Atoi(minor)
	return microversion(n), ok && err == nil && n >= 0
}
