// Package privacy does what people have a right to: to be told what is held about them, and to be forgotten. What is
// forgotten is what names a person; the ledger keeps its sums, codes and movements, and the audit its ids.
package privacy
