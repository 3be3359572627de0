// Scalar draws what is scrolled to, and shows one status and one example at a time.
for (let tries = 0, next; tries < 2000 && (next = document.querySelector("[data-placeholder=true]")); tries++) {
  next.scrollIntoView()
  await settled()
}
keep(document.body)

// A choice draws its list anew, and what it chooses from, so both are looked up each time.
const picker = "[data-testid=example-picker]"
const pickAll = async scope => {
  for (let n = 0; n < scope.querySelectorAll(picker).length; n++) {
    for (let i = 0; ; i++) {
      await press(scope.querySelectorAll(picker)[n])
      const options = document.querySelectorAll("[role=option]")
      if (i >= options.length) break
      await press(options[i])
      keep(scope)
    }
    await press(scope.querySelectorAll(picker)[n])
  }
}
await each(document, "section[label]", async section => {
  if (section.querySelector(picker)) await pickAll(section)
  await each(section, "[role=tab]", async tab => {
    await press(tab)
    const card = tab.closest(".scalar-card")
    keep(card)
    if (card.querySelector(picker)) await pickAll(card)
  })
})
