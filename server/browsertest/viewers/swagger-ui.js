// Swagger UI folds operations and webhooks, and shows one of several examples. What was read is folded again: the page
// grows slow otherwise.
await each(document, ".opblock-summary-control", async control => {
  const operation = control.closest(".opblock")
  await press(control)
  keep(operation)
  await each(operation, ".examples-select select", async select => {
    for (const option of [...select.options]) { await choose(select, option); keep(operation) }
  })
  await press(control)
})
