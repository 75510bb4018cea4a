/* Notifications of this browser: asked for, given to the portal, and taken back. */
const box = document.querySelector("#push");
const buttons = Object.fromEntries([...box.querySelectorAll("[data-push]")].map((button) => [button.dataset.push, button]));
const say = (text, bad = false) => document.dispatchEvent(new CustomEvent("toast", { detail: { value: { text, tone: bad ? "bad" : "ok" } } }));
const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
const post = async (url, fields = {}) => {
  const answer = await fetch(url, { method: "POST", headers: { "X-CSRFToken": token }, body: new URLSearchParams(fields) });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
};
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const word = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const show = (subscription) => { buttons.on.hidden = Boolean(subscription); buttons.off.hidden = !subscription; };
const start = async () => {
  const worker = await navigator.serviceWorker.register(box.dataset.worker);
  box.hidden = false;
  show(await worker.pushManager.getSubscription());
  buttons.on.addEventListener("click", async () => {
    if ((await Notification.requestPermission()) !== "granted") return say(box.dataset.denied, true);
    try {
      const { key } = await post(box.dataset.keyUrl);
      const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
      await post(box.dataset.browserUrl, { endpoint: made.endpoint, key: word(made.getKey("p256dh")), secret: word(made.getKey("auth")) });
      show(made);
      say(box.dataset.on);
    } catch { say(box.dataset.failed, true); }
  });
  buttons.off.addEventListener("click", async () => {
    try {
      const made = await worker.pushManager.getSubscription();
      await post(box.dataset.browserUrl, { endpoint: made.endpoint, on: "0" });
      await made.unsubscribe();
      show(null);
      say(box.dataset.off);
    } catch { say(box.dataset.failed, true); }
  });
};
if ("serviceWorker" in navigator && "PushManager" in window) start().catch(() => {});
