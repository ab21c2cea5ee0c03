package train
import ("testing";"context";"os";"fmt";"time";"strconv"
"github.com/neurode/neurode/dataset"
"github.com/neurode/neurode/network")
func env(n string,d float64)float64{ if s:=os.Getenv(n);s!=""{v,_:=strconv.ParseFloat(s,64);return v};return d}
func TestTry(t *testing.T){
 if os.Getenv("TRY")=="" {t.Skip()}
 data,err:=dataset.Open(context.Background(),dataset.Options{Source:"mnist",Env:os.Getenv("NEURODE_DATA")}); if err!=nil{t.Fatal(err)}
 w,_:=network.Model1().Wire(1); n:=network.NewWuxing(w); n.Gain=env("gain",1); n.Synapse.Least=env("least",0); n.Synapse.Most=env("most",0)
 c:=BSP{Rate:env("rate",.01),Beta:env("beta",0),Kt:env("kt",0),Back:network.Backward(env("back",1)),Change:Change(env("change",1)),Epochs:int(env("ep",2)),Seed:1,HoldOut:5000,Schedule:Schedule(env("sched",2)),Warmup:.02,Integrals:env("int",0)>0}
 t0:=time.Now()
 c.OnEpoch=func(e Epoch){fmt.Println(e,time.Since(t0))}
 if err:=c.Train(context.Background(),n,data.Train);err!=nil{t.Fatal(err)}
}
