package keystone

// Release is the Keystone of one release of Debian: where it answers otherwise than those of the others.
type Release struct {
	// impliedRoles: an application credential has the roles that its own imply.
	impliedRoles bool
	// noRoute begins the page about a path that it does not know.
	noRoute string
}

const (
	doctypeHTML5 = "<!doctype html>\n<html lang=en>\n"
	doctypeHTML3 = "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n"
)

// Releases are those of Debian, by their numbers.
var Releases = map[string]Release{
	// Keystone 18 (Victoria), 22 (Zed) and 27 (2025.1).
	"11": {noRoute: doctypeHTML3},
	"12": {noRoute: doctypeHTML5},
	"13": {noRoute: doctypeHTML5, impliedRoles: true},
}
