// Package audit makes the audit of what happened tamper-evident: rows are chained, one hash over the next, after they
// were written. It holds the canonical form of a row, the chain, its verification from any source, the form of an
// export, and the comparison of the audit with the books. What it cannot show by itself is that the newest rows were
// not cut off or the whole chain not made anew: for that a head is written down elsewhere and handed to the
// verification.
package audit
