// Package readme holds no program: its tests run what the README, openapi/README.md and the guides in server/docs/guides
// tell a newcomer to type, and every curl of the reference, as they stand there, and make calls with no more than llms.txt
// tells, so that the first hour with the product cannot rot.
package readme
