// Browsers start no worker from file://. There, a hidden frame does its work, so that search answers from the disk.
// As with a worker, messages are copies and come later: the page may be in the middle of something.
if (location.protocol === "file:") {
  const later = (receive, data) => setTimeout(receive, 0, { data: structuredClone(data) });
  window.Worker = class {
    constructor(address) {
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      document.documentElement.append(this.frame);
      const inside = this.frame.contentWindow;
      inside.postMessage = (data) => later((message) => this.onmessage?.(message), data);
      const script = inside.document.createElement("script");
      this.loaded = new Promise((resolve, reject) => {
        script.onload = () => resolve(inside);
        script.onerror = reject;
      });
      script.src = address;
      inside.document.documentElement.append(script);
    }

    postMessage(data) {
      const copy = structuredClone(data);
      this.loaded.then((inside) => later(inside.onmessage, copy), (error) => this.onerror?.(error));
    }

    terminate() {
      this.frame.remove();
    }
  };
}
