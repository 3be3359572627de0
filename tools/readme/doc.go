// Package readme holds no program: its tests run what the README and the guides in server/docs/guides tell a newcomer
// to type, and every curl of the reference, as they stand there, so that the first hour with the product cannot rot.
package readme
