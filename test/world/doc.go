// Package world is what tests of the whole are made with: services in this process whose outside can be made to fail
// (WalkWorld, EndWorld, HookWorld), real processes (ProcBed), people who look at pages (Visitor), and programs that
// call (Caller).
package world
