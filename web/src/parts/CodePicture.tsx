import classes from "./CodePicture.module.css";

const NAMESPACE = 'xmlns="http://www.w3.org/2000/svg"';

/** A QR code that the server drew. As a picture, because nothing inside a picture can run. */
export function CodePicture({ svg, label }: { svg: string; label: string }) {
  const whole = svg.includes("xmlns=") ? svg : svg.replace("<svg", `<svg ${NAMESPACE}`);
  return <img className={classes.code} src={`data:image/svg+xml;utf8,${encodeURIComponent(whole)}`} alt={label} />;
}
