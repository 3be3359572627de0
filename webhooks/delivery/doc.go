// Package delivery brings events to the endpoints that want them: it claims due deliveries from the store, posts
// them, signed, to their endpoints, and records how that went.
//
// Delivery is at least once. A delivery is claimed under a lease, sent outside of any transaction, and completed
// under the lease's token: a crash in between means that another process sends it again after the lease, never that
// it is lost. Nothing about the queue is remembered in process.
package delivery
