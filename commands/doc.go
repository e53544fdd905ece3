// Package commands is what the program can be told to do, one file a command. It knows no rules of its own: a command
// opens the service's parts by app.Config and prints what they say.
package commands
