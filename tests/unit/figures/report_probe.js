// SPDX-License-Identifier: MIT
// Looks at the report in every frame of the page and writes what it finds as JSON into #found.
"use strict";

function shown(doc) {
  // Every piece of text with its boxes, outside closed details and beyond what a scrolling box hides.
  const walker = doc.createTreeWalker(doc.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement;
    if (!node.data.trim() || ["SCRIPT", "STYLE"].includes(parent.tagName)) continue;
    const range = doc.createRange();
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()].filter((box) => box.width > 0 && box.height > 0);
    if (boxes.length && parent.checkVisibility()) found.push({ words: node.data.trim(), boxes, parent });
  }
  return found;
}

function overlap(one, other) {
  const width = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  const height = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
  // Boxes of neighbouring lines may touch: half a line is too much.
  return width > 2 && height > 0.5 * Math.min(one.height, other.height);
}

function luminance(colour) {
  const parts = colour.match(/[\d.]+/g).slice(0, 3).map((part) => {
    const share = Number(part) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
}

function contrast(element) {
  const view = element.ownerDocument.defaultView;
  let behind = element;
  while (behind && view.getComputedStyle(behind).backgroundColor.match(/, 0\)$/)) behind = behind.parentElement;
  const back = behind ? view.getComputedStyle(behind).backgroundColor : "rgb(255, 255, 255)";
  const both = [luminance(view.getComputedStyle(element).color), luminance(back)].sort((a, b) => b - a);
  return (both[0] + 0.05) / (both[1] + 0.05);
}

function look(frame) {
  const doc = frame.contentDocument, width = frame.contentWindow.innerWidth;
  const texts = shown(doc), overlaps = [];
  texts.forEach((one, i) => texts.slice(i + 1).forEach((other) => {
    if (one.boxes.some((a) => other.boxes.some((b) => overlap(a, b)))) overlaps.push([one.words, other.words]);
  }));
  const links = [...doc.querySelectorAll("a[href]")].map((link) => link.getAttribute("href"));
  return {
    width,
    texts: texts.length,
    dark: frame.contentWindow.matchMedia("(prefers-color-scheme: dark)").matches,
    page: doc.documentElement.scrollWidth,
    images: [...doc.images].map((image) => image.complete && image.naturalWidth > 0),
    dead: links.filter((link) => link.startsWith("#") && !doc.getElementById(link.slice(1))),
    files: links.filter((link) => !link.startsWith("#")),
    overlaps,
    beyond: texts.filter((one) => one.boxes.some((box) => box.right > width + 1)).map((one) => one.words),
    faint: texts.filter((one) => contrast(one.parent) < 4.5).map((one) => one.words),
  };
}

window.addEventListener("load", () => {
  const found = [...document.querySelectorAll("iframe")].map((frame) => look(frame));
  document.getElementById("found").textContent = JSON.stringify(found);
});
