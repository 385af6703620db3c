import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { endToEnd } from './hopHeaders';

/** A whole answer up to this long goes out in one piece, in bytes. */
const ONE_PIECE = 8192;

/** The answer of another replica on its way to the client. */
export class ForwardedAnswer implements Dispatcher.DispatchHandler {
  private controller?: Dispatcher.DispatchController;

  /**
   * @param settled called once: when the answer has ended or the client has
   * left, or with what went wrong before anything was answered
   */
  constructor(
    private readonly res: ServerResponse,
    private readonly settled: (error?: Error) => void,
  ) {
    res.on('close', this.onClose);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.res.destroyed) this.leave();
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    this.res.writeHead(status, endToEnd(headers));
    // Of an event stream the client hears at once, whenever its first event comes.
    if (Number(headers['content-length']) <= ONE_PIECE) this.res.cork();
    else this.res.flushHeaders();
  }

  onResponseData(
    controller: Dispatcher.DispatchController,
    chunk: Buffer,
  ): void {
    if (this.res.write(chunk)) return;
    controller.pause();
    this.res.once('drain', () => controller.resume());
  }

  onResponseEnd(): void {
    this.res.end();
    this.settle();
  }

  onResponseError(
    _controller: Dispatcher.DispatchController,
    error: Error,
  ): void {
    const isUnanswered = !this.res.headersSent && !this.res.destroyed;
    this.settle(isUnanswered ? error : undefined);
    // What has begun and does not go on must not look like a whole answer.
    if (!isUnanswered) this.res.destroy();
  }

  private readonly onClose = () => {
    if (!this.res.writableFinished) this.leave();
    this.settle();
  };

  private leave(): void {
    this.controller?.abort(new Error('The client has left'));
  }

  private settle(error?: Error): void {
    this.res.off('close', this.onClose);
    this.settled(error);
  }
}
