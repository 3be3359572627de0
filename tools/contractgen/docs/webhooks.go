package docs

import (
	"strings"

	"github.com/thebigclass/api/tools/contractgen/tree"
)

// webhooksTag is the tag of the contract that tells about webhooks as a whole.
const webhooksTag = "Webhooks"

// A signedExample is a delivery to try a verifier with.
type signedExample struct {
	Timestamp, Signature, Body string
}

// webhooks describes the events that we send.
func (r *reference) webhooks() group {
	g := group{ID: slug(webhooksTag), Name: webhooksTag}
	for _, tag := range tree.Items(tree.Child(r.Contract, "tags")) {
		if tree.Text(tag, "name") == webhooksTag {
			g.About = r.prose(tag, "description")
		}
	}
	for key, item := range tree.Members(tree.Child(r.Contract, "webhooks")) {
		for method, node := range tree.Members(item) {
			op := &operation{
				ID: key.Value, OperationID: tree.Text(node, "operationId"), Method: strings.ToUpper(method.Value),
				Summary: tree.Text(node, "summary"), About: r.prose(node, "description"), Deprecated: r.notice(key.Value, node),
			}
			r.exchange(op, node)
			if signed := tree.Child(node, "x-signed-example"); signed != nil {
				op.Signed = &signedExample{tree.Text(signed, "timestamp"), tree.Raw(signed, "signature"), tree.Raw(signed, "body")}
			}
			g.Operations = append(g.Operations, op)
		}
	}
	return g
}
