import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { NotFoundPage } from "./pages/NotFoundPage";
import { RecorderPage } from "./pages/recorder/RecorderPage";
import { Shell } from "./shell/Shell";

const root = createRootRoute({ component: Shell, notFoundComponent: NotFoundPage });

/** The recorder is in the first file to load; the desk's pages come when they are asked for. */
const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: RecorderPage,
  /** Whose visit is recorded, when that is known: an id, never a name. */
  validateSearch: (search: Record<string, unknown>): { patient?: string } =>
    typeof search.patient === "string" ? { patient: search.patient } : {},
});
const recording = createRoute({
  getParentRoute: () => root,
  path: "/recordings/$recordingId",
  component: lazyRouteComponent(() => import("./pages/consultation/routes"), "RecordingRoute"),
});
const note = createRoute({
  getParentRoute: () => root,
  path: "/notes/$noteId",
  component: lazyRouteComponent(() => import("./pages/consultation/routes"), "NoteRoute"),
});
const engines = createRoute({
  getParentRoute: () => root,
  path: "/engines",
  component: lazyRouteComponent(() => import("./pages/EnginesPage"), "EnginesPage"),
});

const queue = createRoute({
  getParentRoute: () => root,
  path: "/queue",
  component: lazyRouteComponent(() => import("./pages/queue/QueuePage"), "QueuePage"),
});
const patients = createRoute({
  getParentRoute: () => root,
  path: "/patients",
  component: lazyRouteComponent(() => import("./pages/patients/PatientsPage"), "PatientsPage"),
});
const register = createRoute({
  getParentRoute: () => root,
  path: "/patients/new",
  component: lazyRouteComponent(() => import("./pages/patients/RegisterPage"), "RegisterPage"),
});
const patient = createRoute({
  getParentRoute: () => root,
  path: "/patients/$patientId",
  component: lazyRouteComponent(() => import("./pages/patients/routes"), "PatientRoute"),
});
const correct = createRoute({
  getParentRoute: () => root,
  path: "/patients/$patientId/edit",
  component: lazyRouteComponent(() => import("./pages/patients/routes"), "CorrectRoute"),
});
const waitingRoom = createRoute({
  getParentRoute: () => root,
  path: "/waiting-room",
  component: lazyRouteComponent(() => import("./pages/waiting-room/WaitingRoomPage"), "WaitingRoomPage"),
});

const account = createRoute({
  getParentRoute: () => root,
  path: "/account",
  component: lazyRouteComponent(() => import("./pages/account/AccountPage"), "AccountPage"),
});

const admin = createRoute({
  getParentRoute: () => root,
  path: "/admin",
  component: lazyRouteComponent(() => import("./pages/admin/routes"), "AdminPage"),
});
const adminPages = [
  createRoute({
    getParentRoute: () => admin,
    path: "/",
    component: lazyRouteComponent(() => import("./pages/admin/routes"), "PeoplePage"),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: "/sessions",
    component: lazyRouteComponent(() => import("./pages/admin/routes"), "SessionsPage"),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: "/keys",
    component: lazyRouteComponent(() => import("./pages/admin/routes"), "KeysPage"),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: "/devices",
    component: lazyRouteComponent(() => import("./pages/admin/routes"), "DevicesPage"),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: "/screens",
    component: lazyRouteComponent(() => import("./pages/admin/routes"), "ScreensPage"),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: "/audit",
    component: lazyRouteComponent(() => import("./pages/admin/routes"), "AuditPage"),
  }),
] as const;

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    recording,
    note,
    engines,
    queue,
    patients,
    register,
    patient,
    correct,
    waitingRoom,
    account,
    admin.addChildren(adminPages),
  ]),
  basepath: "/app",
  scrollRestoration: true,
  defaultPreload: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
