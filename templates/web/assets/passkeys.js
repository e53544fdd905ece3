// A form with data-passkey asks the browser for a passkey when it is sent, and carries the answer. Without a script, or in a
// browser or at an address that knows no passkeys, it stays hidden: every page has another way.
"use strict";

function knowsPasskeys(form) {
  const host = window.location.hostname;
  const site = form.dataset.site;
  return window.isSecureContext && "PublicKeyCredential" in window && "parseRequestOptionsFromJSON" in window.PublicKeyCredential
    && (host === site || host.endsWith("." + site));
}

async function answerOf(form) {
  const body = new URLSearchParams();
  const token = form.elements.namedItem("form_token");
  if (token) { body.set("form_token", token.value); }
  const asked = await fetch(form.dataset.ask, { method: "POST", body, credentials: "same-origin" });
  if (!asked.ok || asked.redirected) { throw new Error("not asked"); }
  const { options, challenge } = await asked.json();
  const made = form.dataset.passkey === "create"
    ? await navigator.credentials.create({ publicKey: window.PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : await navigator.credentials.get({ publicKey: window.PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  return { challenge, answer: JSON.stringify(made.toJSON()) };
}

document.querySelectorAll("form[data-passkey]").forEach((form) => {
  if (!knowsPasskeys(form)) return;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const said = form.querySelector("[data-failed]");
    const button = form.querySelector("button");
    const prefix = form.dataset.prefix || "";
    said.textContent = "";
    button.disabled = true;
    try {
      const { challenge, answer } = await answerOf(form);
      form.elements.namedItem(prefix + "challenge").value = challenge;
      form.elements.namedItem(prefix + "answer").value = answer;
      form.submit();
    } catch {
      button.disabled = false;
      said.textContent = said.dataset.failed;
    }
  });
});
