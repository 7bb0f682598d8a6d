import { Button } from "@mantine/core";
import { Icon } from "../../parts/Icon";
import classes from "./AdminPage.module.css";

/** What an admin's page is about, and how to add to it. */
export function PageHead({ text, add, onAdd }: { text: string; add: string; onAdd: () => void }) {
  return (
    <div className={classes.head}>
      <p>{text}</p>
      <Button size="md" leftSection={<Icon name="plus" size={18} />} onClick={onAdd}>
        {add}
      </Button>
    </div>
  );
}
