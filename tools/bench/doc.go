// Package bench measures the service against the same work done by bare statements (tools/floor), in turn and in one
// run.
package bench
