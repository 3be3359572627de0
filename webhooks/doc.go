// Package webhooks verifies and signs the webhooks of The Big Class. It needs
// the standard library alone and is made to be imported, or to be read and
// rewritten in another language: this text is the specification, and
// testdata/vectors.json holds the cases that an implementation must agree with.
//
// # A delivery
//
// One event to one endpoint is a delivery. It is a POST with these headers,
// spelled as here (HTTP compares their names without case):
//
//	Content-Type: application/json
//	X-TBC-Signature: t=1716102400,v1=8a92…
//	X-TBC-Event: order.paid
//	X-TBC-Delivery: evd_…
//	X-TBC-Attempt: 1
//
// The body is an [Event] in UTF-8 without a byte order mark, at most
// [MaxBodyBytes] long. An attempt that is not answered 2xx may be repeated: the
// body and X-TBC-Delivery stay the same, X-TBC-Attempt counts up, and the
// signature is made anew. Only the body and t are signed. The other headers are
// a convenience: decide by the body.
//
// # The signature
//
//		X-TBC-Signature = "t=" unix 1*( "," scheme "=" value )
//
//	  - unix is the time of this attempt in seconds since 1970: decimal digits,
//	    no sign, no leading zero, at most 15 digits.
//	  - scheme is v1. Its value is 64 lower-case hexadecimal digits: the
//	    HMAC-SHA256 of unix, a full stop and the bytes of the body. The key is the
//	    whole secret as it was shown, "whsec_" included, as UTF-8. Nothing is
//	    base64-decoded.
//	  - Other schemes (a letter or digit, then more of them) are for the future.
//	    A receiver skips those that it does not know.
//	  - There is no space anywhere, and the whole value is at most 1,024 bytes.
//
// While a secret is being rotated both the new and the old one are valid, and
// there is one v1 for each. The old one comes last, because the example on the
// developer page keeps only the last v1, and its secret is the old one until
// its owner has changed it. A receiver that answers 401 in that time is
// asked once more at once, with the two in the other order, and the order that
// it took is kept.
//
// # Verifying
//
// A receiver does the following, and stops at the first step that fails:
//
//  1. Read the body as bytes, at most [BodyLimit] of them; a longer one is
//     [ErrBodyTooLarge]. Parsing and printing it again changes its white space
//     and so its signature.
//  2. Take X-TBC-Signature. Absent or empty is [ErrNoSignature]. Several lines
//     of it are one value, joined with commas, as everywhere in HTTP; since that
//     has two t, it is malformed.
//  3. Parse it as above; anything else, no v1 at all included, is
//     [ErrMalformedSignature].
//  4. Refuse a t more than [Window] away from its own clock, in either
//     direction, with [ErrTimestamp]. A recorded delivery is useless afterwards.
//  5. Compute v1 with each of its secrets and compare each with every v1 in the
//     header, in constant time. None equal is [ErrMismatch].
//
// [Verify] is steps 1 to 5 for a body already read. [Handler] is all of it for
// net/http, and hands over each event once.
//
// # Once
//
// Delivery is at least once: the id of the event is what a receiver must
// remember. An id is remembered after the work for it has succeeded, never
// before. So a failure, a crash or a lost answer leads to the event being
// delivered again and nothing is lost; in return, work that was done and could
// not be remembered is done again. See [Dedupe] for how to close that gap with a
// transaction.
//
// # Test vectors
//
// testdata/vectors.json is an object with a member vectors, an array of:
//
//	name     what the case is about
//	secrets  the secrets that the receiver holds
//	header   the lines of X-TBC-Signature, in order; usually one
//	body     the body as a string, to be encoded as UTF-8
//	repeat   how many times body is written one after the other; absent is once
//	now      the receiver's clock, in seconds since 1970
//	verdict  ok, no_signature, malformed, timestamp, mismatch or body_too_large
//	page     what the example on the developer page answers with secrets[0],
//	         as an HTTP status; 500 is an exception
//
// The member page is for information: the example is shorter than this
// specification. It throws at a v1 of another length, knows one secret, and
// lets some malformed headers pass. Signatures in the file were made with
// Python's hmac, not with this package.
package webhooks
