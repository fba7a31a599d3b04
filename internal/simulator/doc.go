// Package simulator is a stateful in-memory OpenStack: a Keystone v3 and a Cinder behind one [http.Handler].
//
// It serves the demonstration and the tests. Its behaviour is what the Keystone and the Cinder of three releases of
// Debian on MariaDB were seen to do, down to the messages: it is that of 12 unless [Options] name another. fidelity_test.go
// holds the requests that were compared with them, testdata their answers, and releases.md what differs. It imports
// nothing of this provider, so that its JSON is an independent witness.
//
// This package joins the two. Keystone and Cinder are packages below it, as are what they have from Python and
// how their database compares.
//
// Keystone is under /identity/v3. Cinder is under /volume/v3/PROJECT_ID and, as the release that still has the API
// v2, under /volume/v2/PROJECT_ID as well. With several regions the first has /volume and each other one
// /volume-REGION; users, projects and tokens are common to all.
//
// Where the real services depend on a daemon (a volume driver, the token cache of Cinder's middleware) the
// simulator takes the plainest course: an object changes its status a fixed time after the request, and a
// token that was revoked is refused by Cinder at once.
package simulator
