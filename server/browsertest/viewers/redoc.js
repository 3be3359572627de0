// Redoc shows one status and one example at a time.
const examples = async panel => {
  keep(panel)
  await each(panel, "select", async select => {
    for (const option of [...select.options]) { await choose(select, option); keep(panel) }
  })
}
keep(document.body)
await each(document, "[data-rttabs]", async tabs => {
  await each(tabs, "[role=tab]", async tab => { await press(tab); await examples(tabs) })
})
await each(document, "select", async select => examples(select.parentElement.parentElement))
