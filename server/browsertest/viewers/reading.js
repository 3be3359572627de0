// What the readers of all viewers share. A reader opens what its viewer folds and keeps what can be read on the way,
// since opening one thing may close another.
const read = []
const keep = element => read.push(element.innerText)

// settled ends when the page has changed nothing for a moment: a viewer draws in steps of its own, and tells nobody.
const settled = () => new Promise(done => {
  let timer = setTimeout(end, 30)
  const watcher = new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(end, 30) })
  watcher.observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true})
  function end() { watcher.disconnect(); done() }
})

const press = async element => { element.click(); await settled() }

// choose picks an option as a person does; the viewers listen for the event alone.
const choose = async (select, option) => {
  Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, "value").set.call(select, option.value)
  select.dispatchEvent(new Event("change", {bubbles: true}))
  await settled()
}

const each = async (scope, selector, use) => { for (const found of [...scope.querySelectorAll(selector)]) await use(found) }

while (!window.drawn) await settled()
