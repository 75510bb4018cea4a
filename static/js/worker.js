/* Shows what the portal sends while its pages are closed, and opens the page when it is pressed. */
self.addEventListener("push", (event) => {
  const { title, body, tag, url } = event.data.json();
  event.waitUntil(self.registration.showNotification(title, { body, tag, renotify: true, data: { url } }));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = new URL(event.notification.data.url, self.registration.scope).href;
  event.waitUntil((async () => {
    const open = await self.clients.matchAll({ type: "window" });
    const there = open.find((page) => page.url === url) ?? open[0];
    if (!there) return self.clients.openWindow(url);
    await there.focus();
    if (there.url !== url) await there.navigate(url);
  })());
});
