import {
  status,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServerWritableStream,
} from '@grpc/grpc-js';

/** How often a watched status is looked at. */
const LOOK_MS = 500;

interface HealthRequest {
  service: string;
}
interface HealthResponse {
  status: 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';
}

/** The standard health service: of the bridge as a whole (the empty name) and of each service it has. */
export function healthOf(services: readonly string[], ready: () => boolean) {
  const statusOf = (service: string): HealthResponse['status'] => {
    if (service !== '' && !services.includes(service)) return 'SERVICE_UNKNOWN';
    return ready() ? 'SERVING' : 'NOT_SERVING';
  };

  return {
    check(
      { request }: ServerUnaryCall<HealthRequest, HealthResponse>,
      answer: sendUnaryData<HealthResponse>,
    ) {
      const found = statusOf(request.service);
      if (found === 'SERVICE_UNKNOWN')
        answer({ code: status.NOT_FOUND, details: 'There is no such service' });
      else answer(null, { status: found });
    },

    watch(call: ServerWritableStream<HealthRequest, HealthResponse>) {
      let told: string | undefined;
      const tell = () => {
        const now = statusOf(call.request.service);
        if (now === told) return;
        told = now;
        call.write({ status: now });
      };
      tell();
      const timer = setInterval(tell, LOOK_MS);
      timer.unref();
      call.on('cancelled', () => clearInterval(timer));
      call.on('close', () => clearInterval(timer));
    },
  };
}
