// Package python is what Keystone and Cinder have from Python: how it reads and writes JSON and literals, shows
// values in messages, and how its web servers answer.
package python
