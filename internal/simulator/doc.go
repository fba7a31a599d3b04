// Package simulator is a stateful in-memory OpenStack: a Keystone v3 and a Cinder behind one [http.Handler].
//
// It serves the demonstration and the tests. Its behaviour is what a real Keystone 22 and Cinder 21 (Zed) on
// MariaDB were seen to do, down to the messages; fidelity_test.go holds the requests that were compared with
// them. It imports nothing of this provider, so that its JSON is an independent witness.
//
// Keystone is under /identity/v3. Cinder is under /volume/v3/PROJECT_ID and, when the catalogue offers the
// type volumev2, under /volume/v2/PROJECT_ID as well. No v2 was at hand to watch (Cinder dropped it in Xena):
// v2 is derived from v3 at microversion 3.0, without microversion headers. With several regions the first
// has /volume and each other one /volume-REGION; users, projects and tokens are common to all.
//
// Where the real services depend on a daemon (a volume driver, the token cache of Cinder's middleware) the
// simulator takes the plainest course: an object changes its status a fixed time after the request, and a
// token that was revoked is refused by Cinder at once.
package simulator
