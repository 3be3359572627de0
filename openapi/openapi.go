// Package openapi holds the contract of the API of thebigclass: the OpenAPI 3.1 document from which
// the code under gen is generated and which the server publishes. README.md tells how to fork it.
package openapi

import _ "embed"

// Bundle is the contract in one file, OpenAPI 3.1, as YAML.
//
//go:embed tbc-v1.yaml
var Bundle []byte

// Bundle30 is the same contract as OpenAPI 3.0.3, for tools that stop there. It is made from Bundle
// and says less: webhooks are an extension, scopes too.
//
//go:embed tbc-v1.oas30.yaml
var Bundle30 []byte

//go:generate mkdir -p ../gen/client
//go:generate go -C .. tool oapi-codegen -config tools/contractgen/types.oapi.yaml openapi/tbc-v1.yaml
//go:generate go -C .. tool oapi-codegen -config tools/contractgen/server.oapi.yaml openapi/tbc-v1.yaml
//go:generate go -C .. tool oapi-codegen -config tools/contractgen/client.oapi.yaml openapi/tbc-v1.yaml
//go:generate go -C .. run ./tools/contractgen -contract openapi/tbc-v1.yaml -gen gen -oas30 openapi/tbc-v1.oas30.yaml -docs gen/docs -guides server/docs/guides -client gen/client/client.gen.go
