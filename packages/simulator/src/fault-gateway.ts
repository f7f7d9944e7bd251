import { faultList } from './fault.ts';
import { gatewayError } from './refusal.ts';

/** Errors of the gateway: of its own checks, and of its way to the upstream. */
export const gatewayFaults = faultList([
  {
    name: 'gateway-invalid-token',
    kind: 'error',
    row: '5.2',
    about: '401: the gateway does not know the key.',
    refuse: () => gatewayError(401, 'Invalid token'),
  },
]);
