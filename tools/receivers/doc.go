// Package receivers holds receivers of our webhooks in several languages, each in a folder to copy; README.md compares
// them. It has no code: its tests run every receiver as a process and hold all to the same answers.
package receivers
